package import Access
package import Events

/// A request for an event stream.
package struct EventStreamRoute {
    /// Who asks, with the rights of the token.
    package let caller: Caller
    /// The task or topic whose events are wanted.
    package let channel: ChannelName
    /// The position to continue from; nil for new events only.
    package let since: Position?
}
