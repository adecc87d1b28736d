import Dialects
import Events
import Hub

/// What following channels asks of a connection, passed on to its conversation.
extension Connection: Viewer {
    /// The conversation, where it follows channels.
    var following: (any ChannelConversation)? { conversation?.following }

    var isListening: Bool { following != nil }

    var waitingInquiries: Int {
        get { following?.waitingInquiries ?? 0 }
        set { following?.waitingInquiries = newValue }
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
