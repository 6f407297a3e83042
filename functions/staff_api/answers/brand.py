"""How the dealer looks to customers."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict


class BrandJson(TypedDict):
    """What is set; "" where nothing is."""

    name: str
    head: Annotated[str, Field(description="Colour behind the name, #rrggbb")]
    accent: Annotated[str, Field(description="Colour of buttons and links, #rrggbb")]
    logo: Annotated[str, Field(description="Path of the picture on this site")]
    imprint: str
    privacy: str
    version: int
    usual_name: Annotated[str, Field(description="The name that counts where none is set")]
