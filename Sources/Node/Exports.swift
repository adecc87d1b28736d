// Until every file of this target has moved into a room of its own: they all need these.
@_exported public import Access
@_exported public import Asking
@_exported public import Online
@_exported public import Settings
@_exported public import Standing
@_exported public import Telemetry
