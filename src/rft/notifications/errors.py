"""What can be refused about a mail."""

from rft.errors import Refusal


class MailOnItsWay(Refusal):
    status = 409
    title = "Already on its way"
    sentence = "This mail is waiting to be sent: there is no need to send it again."


class MailOutdated(Refusal):
    status = 409
    title = "Not true any more"
    sentence = "The seats that this mail is about were cancelled or changed: it is not sent."
