"""How inactivity looks at what outlets sold and bought, without knowing sales."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from konter.channel.inactivity.model import Activity
from konter.platform.db import Connection
from konter.platform.ids import OutletId

# Looks up the newest sale or purchase of each outlet, as of now and in the caller's transaction; absent where none is.
Newest = Callable[[Connection, Sequence[OutletId]], Awaitable[Mapping[OutletId, Activity]]]
