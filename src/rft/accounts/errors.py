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


class PasswordWrong(Refusal):
    title = "That is not your password"
    sentence = "This is not your password now."


class CodeWrong(Refusal):
    """Also for a code that was taken before: each works once."""

    title = "That code is not right"
    sentence = "This code is not right, or was used before. Wait for the next one and enter that."


class PasskeyRefused(Refusal):
    title = "The passkey was not taken"
    sentence = "This passkey could not be checked. Please try again."


class StepOver(Refusal):
    """What was begun is too old, was ended before, or was never begun."""

    status = 410
    title = "Please begin again"
    sentence = "This took too long, or the link was used before. Please begin again."


class LastFactor(Refusal):
    status = 409
    title = "Your only second factor stays"
    sentence = "Staff need a second factor. Add another one first; then this one can go."


class SignInLinkOver(Refusal):
    """Says the same for a link that never was one, was used, or is too old."""

    status = 410
    title = "This link has been used, or is too old"
    sentence = "A link by e-mail signs you in once, and for 20 minutes. Please ask for a new one."
