"""The interface's description, the page to try it, and the answer where there is no such address."""

from __future__ import annotations

from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from enterprises.api.endpoint import Conditional
from enterprises.errors import NotFound


class Schema(Conditional, SpectacularAPIView):
    """OpenAPI 3.1, for everyone: it describes, and holds no figure and no name."""

    authentication_classes = ()
    permission_classes = ()
    renderer_classes = [OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer]


class Docs(APIView):
    """The page on which the interface can be tried; its scripts are our own copy.

    Open to everyone; what is tried there needs a token. Swagger UI writes styles into the page, which the content
    policy allows here only.
    """

    authentication_classes = ()
    permission_classes = ()
    renderer_classes = (TemplateHTMLRenderer,)

    @method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE]}))
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(template_name="coordination/api/docs.html")


class Nowhere(APIView):
    """Answers for addresses below /api/ that do not exist, to everyone alike."""

    authentication_classes = ()
    permission_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("没有这个地址；地址都以 / 结尾，说明见 /api/docs/。")
