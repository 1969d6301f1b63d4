"""What an outlet may sell while a module is off. Pure. [D-54]"""

from konter.catalogue.model import Catalogue, Category, Product
from konter.rules.model import Rules
from konter.rules.modules import module_on


def sellable(product: Product, rules: Rules, *, area: str, segment: str) -> bool:
    """Whether the module that the product belongs to is on: packages can be switched, recharges are always there."""
    return product.kind != "package" or module_on(rules, "packages", area=area, segment=segment)


def categories_on(catalogue: Catalogue, rules: Rules, *, area: str, segment: str) -> tuple[Category, ...]:
    """The categories that hold anything sellable, in the shop's order."""
    if module_on(rules, "packages", area=area, segment=segment):
        return tuple(catalogue.categories)
    full = {each.category for each in catalogue.products if sellable(each, rules, area=area, segment=segment)}
    return tuple(each for each in catalogue.categories if each.code in full)
