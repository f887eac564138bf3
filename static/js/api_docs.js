/* Shows the interface's description; requests go to this host only. */
document.addEventListener('DOMContentLoaded', function () {
  'use strict';
  var root = document.getElementById('swagger-ui');
  window.SwaggerUIBundle({
    url: root.dataset.schema,
    domNode: root,
    deepLinking: true,
    validatorUrl: null,
    presets: [window.SwaggerUIBundle.presets.apis]
  });
});
