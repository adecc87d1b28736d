import Events
import JSON
import Testing

@testable import Following

@Suite("Who gets messages to people")
struct ListenerTests {
    typealias Listener = PersonalMessages.Listener

    @Test(
        "a message goes to everybody but its sender; an announcement to clients whose count is older",
        arguments: [
            // user, hears after, sender, announcement: gets it
            ("anna", nil, nil, nil, true),
            ("anna", nil, "anna", nil, false),
            ("anna", nil, "ben", nil, true),
            (nil, nil, nil, nil, true),
            (nil, nil, "anna", nil, true),
            ("anna", nil, "ben", 5, false),
            ("anna", 4, "ben", 5, true),
            ("anna", 5, "ben", 5, false),
            ("anna", 6, "ben", 5, false),
            ("anna", 4, "anna", 5, false),
            (nil, 4, nil, 5, true),
            ("anna", .min, "ben", .max, true),
            ("anna", .max, "ben", .min, false),
        ] as [(String?, Int64?, String?, Int64?, Bool)])
    func messages(_ user: String?, _ hearsAfter: Int64?, _ sender: String?, _ version: Int64?, _ gets: Bool) {
        let listener = Listener(user: user, hearsAfter: hearsAfter.map { CountedAnnouncements([$0]) })
        #expect(listener.takes(from: sender, announcement: version) == gets)
    }

    @Test(
        "a task's change goes to its team, but to nobody who has it from the owner's or the task's channel",
        arguments: [
            // owner, user, hears the task: gets it
            (nil, nil, false, true),
            (nil, "anna", false, true),
            (nil, "anna", true, false),
            (nil, nil, true, false),
            ("anna", "anna", false, false),
            ("anna", "anna", true, false),
            ("anna", "ben", false, true),
            ("anna", "ben", true, false),
            ("anna", nil, false, true),
            ("anna", nil, true, false),
        ] as [(String?, String?, Bool, Bool)])
    func updates(_ owner: String?, _ user: String?, _ hearsTask: Bool, _ gets: Bool) {
        #expect(Listener.takesUpdate(ofTaskOf: owner, user: user, hearsTask: hearsTask) == gets)
    }

    @Test(
        "the sender is the user of what users do themselves, and nobody for all else",
        arguments: [
            (#"{"type":"typing","user_id":"anna"}"#, "anna"),
            (#"{"type":"presence","user_id":"anna"}"#, "anna"),
            (#"{"type":"user_status","user_id":7}"#, "7"),
            (#"{"type":"typing"}"#, nil),
            (#"{"type":"typing","user_id":{}}"#, nil),
            (#"{"type":"chat","user_id":"anna"}"#, nil),
            (#"{"type":"progress","user_id":"anna"}"#, nil),
        ] as [(String, String?)])
    func senders(_ text: String, _ sender: String?) throws {
        let parser = JSONParser(maxBytes: EventLimits.maxEventBytes)
        let event = try Event(parser.object(Array(text.utf8)), parser: parser, isOfTask: false)
        #expect(Listener.sender(of: event) == sender)
    }
}
