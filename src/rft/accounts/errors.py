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
