"""What the API answers when it will not do as asked: Stripe's error object and HTTP status."""

from typing import Any


class Refused(Exception):
    """One of Stripe's errors; `begun` says that the endpoint had started, so an idempotency key keeps this answer."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        begun: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.begun = begun

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.code is not None:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param is not None:
            error["param"] = self.param
        return {"error": error}


def missing_object(kind: str, object_id: str, param: str = "id") -> Refused:
    return Refused(f"No such {kind}: '{object_id}'", status=404, code="resource_missing", param=param)
