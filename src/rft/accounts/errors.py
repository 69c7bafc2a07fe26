"""What can be refused about an account."""

from rft.errors import Refusal


class SignInRefused(Refusal):
    """Says the same whether the account is unknown, closed, without a password, or the password wrong."""

    status = 422
    title = "Not signed in"
    sentence = "This e-mail address and password do not belong together."


class PasswordTooWeak(Refusal):
    title = "Choose another password"
    sentence = "Choose another password."


class LastAdmin(Refusal):
    status = 409
    title = "The last admin"
    sentence = "This is the last active admin. Make somebody else an admin first."
    rules = ("users_one_admin_left",)


class SignInLinkOver(Refusal):
    """Says the same for a link that never was one, was used, or is too old."""

    status = 410
    title = "This link has been used, or is too old"
    sentence = "A link by e-mail signs you in once, and for 20 minutes. Please ask for a new one."
