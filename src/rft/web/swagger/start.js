// Draws the API's documentation. A file of its own, because the content security policy takes no script from the page.
SwaggerUIBundle({ url: "openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null });
