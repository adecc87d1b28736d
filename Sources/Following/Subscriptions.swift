package import Dialects
package import Events
package import Hub
package import RESP

/// What viewers do with channels: they join and leave, ask how tasks stand, and publish to each other.
package final class Subscriptions {
    private let audience: Audience
    private let admission: Admission
    private let responder: StatusResponder
    private let store: ChannelStore

    init(audience: Audience, admission: Admission, responder: StatusResponder, store: ChannelStore) {
        self.audience = audience
        self.admission = admission
        self.responder = responder
        self.store = store
    }

    /// Lets a viewer follow a channel: now where the channel is live, else as soon as it is.
    package func join(_ viewer: any Viewer, _ name: ChannelName, since: Position?, request: RequestID?) {
        admission.join(Joiner(viewer: viewer, request: request, newcomer: Newcomer(since: since)), name)
    }

    /// Sends a viewer the messages to a user, a team or everyone, without a confirmation. `didEnter` is called once the
    /// viewer gets every message.
    package func joinQuietly(_ viewer: any Viewer, _ name: ChannelName, didEnter: @escaping () -> Void) {
        let newcomer = Newcomer(since: nil, isQuiet: true)
        admission.join(Joiner(viewer: viewer, request: nil, newcomer: newcomer, didEnter: didEnter), name)
    }

    /// Answers a viewer that asks how a task stands, and tells it every later change.
    package func answer(_ viewer: any Viewer, about name: ChannelName, request: RequestID?) {
        responder.answer(viewer, about: name, request: request)
    }

    /// The viewer no longer follows the channel, and gets no changes of its task.
    package func leave(_ viewer: any Viewer, _ name: ChannelName) { admission.leave(viewer, name) }

    /// The viewer's connection is closing: it leaves every channel. Frames already queued for it are still written.
    package func leaveAll(_ viewer: any Viewer) { admission.leaveAll(viewer) }

    /// The channels of a kind that the viewer follows.
    package func channels(of viewer: any Viewer, _ kind: ChannelName.Kind) -> [ChannelName] {
        viewer.subscriber.channels.map(\.name).filter { $0.kind == kind }
    }

    /// Whether the viewer takes this of the channel, or waits for it.
    package func follows(_ viewer: any Viewer, _ name: ChannelName, taking interest: Interest) -> Bool {
        audience.follows(viewer, name, taking: interest)
    }

    /// The number of channels the viewer subscribed to, without its user's, its teams' and those it only asked about.
    package func count(of viewer: any Viewer) -> Int { audience.subscriptionCount(of: viewer) }

    /// Publishes a user's message to others. `completion` is told whether Redis accepted it.
    package func publish(
        _ message: [UInt8], to name: ChannelName, _ completion: @escaping (Result<RedisValue, RedisError>) -> Void
    ) {
        store.publish(message, to: name, completion)
    }
}

/// A channel's effects reach admission and answers through here, since both drive channels themselves.
extension Subscriptions: ViewerEffects {
    func letIn(to channel: Channel) { admission.admitWaiting(to: channel) }
    func refuseWaiting(for channel: Channel) { admission.refuseWaiting(for: channel) }
    func setAside(from channel: Channel, _ place: ChannelEffect.SetAside) {
        admission.setAside(from: channel, place)
    }
    func putOutStrangers(of channel: Channel) { admission.putOutStrangers(of: channel) }
    func answerQuestions(about channel: Channel) { responder.answerQuestions(about: channel) }
}
