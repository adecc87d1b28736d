import Events
import Dialects
import Hub

/// What following channels asks of a connection, passed on to its conversation.
extension Connection: Viewer {
    private var following: (any ChannelConversation)? { conversation as? any ChannelConversation }

    var isListening: Bool { following != nil }

    var waitingInquiries: Int {
        get { webSocket?.session.waitingInquiries ?? 0 }
        set { webSocket?.session.waitingInquiries = newValue }
    }

    func mayWatch(_ channel: ChannelName, owner: String?) -> Bool {
        following?.mayWatch(channel, owner: owner) ?? false
    }

    func say(_ message: ServerMessage) { following?.say(message) }

    func refuseToShow(_ channel: ChannelName, request: RequestID?) {
        following?.refuseToShow(channel, request: request)
    }

    func expectAcknowledgement(of delivery: Delivery) { following?.expectAcknowledgement(of: delivery) }
}
