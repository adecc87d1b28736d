package import Access
package import Events

/// A request for an event stream.
package struct EventStreamRoute {
    /// The caller.
    package let caller: Caller
    /// The channel.
    package let channel: ChannelName
    /// The position to continue from; nil for new events only.
    package let since: Position?
}
