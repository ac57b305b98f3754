// Shows the hub's own OpenAPI document. Everything comes from this server; nothing is loaded from elsewhere.
window.addEventListener("load", () => {
  window.ui = SwaggerUIBundle({
    url: `${window.location.pathname.replace(/\/?$/, "/")}openapi.json`,
    dom_id: "#reference",
    deepLinking: true,
    docExpansion: "none",
    tryItOutEnabled: false,
    validatorUrl: null,
    requestInterceptor: (request) => {
      if (request.url.indexOf("openapi.json") < 0)
        request.headers["x-ah-openapi-auth"] = request.headers["x-ah-openapi-auth"] || "openapi-token";
      return request;
    },
  });
});
