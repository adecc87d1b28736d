import Access
import Events

/// What a request for a stream of events asks for: whose it is, of which channel, from where on.
struct EventStreamRoute {
    let caller: Caller
    let channel: ChannelName
    let since: Position?
}
