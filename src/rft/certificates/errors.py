"""What can be refused about a certificate."""

from rft.errors import Refusal


class CourseNotCompleted(Refusal):
    status = 409
    title = "The course is not completed"
    sentence = "A certificate is issued only after the course was completed."
    rules = ("bookings_certificate_after_completion", "certificates_only_when_completed")


class CertificateIncomplete(Refusal):
    """`facts["missing"]` is what it would have to say and nobody has written down yet."""

    status = 409
    title = "The certificate is held"
    sentence = "Something that stands on the certificate is missing."


class CertificateOut(Refusal):
    status = 409
    title = "There is a certificate already"
    sentence = "This booking has a certificate. Correct it by issuing one that replaces it."
    rules = ("certificates_one_live", "certificates_replaced_once", "certificate_revocations_pkey")


class SigningKeyMissing(Refusal):
    """The server is not set up to sign; asking again will not help."""

    status = 503
    title = "Certificates cannot be signed here"
    sentence = "This server does not hold the key that certificates are signed with."


class Forged(Refusal):
    title = "Not one of our certificates"
    sentence = "This was not signed by us, or it was changed afterwards."
