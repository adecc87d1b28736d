import Events
import RESP

/// What ``InquiryScripts/begin`` answers.
enum InquiryTurn {
    /// Whom to ask, and where the task stood.
    struct Question {
        let epoch: String
        /// The sequence of the stored state, as it is stored.
        let stateSequence: String
        let state: [UInt8]?
        /// The status and the progress as last told.
        let status: String?
        let progress: String?
        let externalID: String
        let apiKey: String
        let address: String?
    }

    /// There is nobody to ask.
    case none
    /// Somebody was asked just now, or the task has moved on since.
    case fresh
    /// So many milliseconds later.
    case wait(UInt64)
    /// Another one is asking.
    case busy
    /// Ask.
    case ask(Question)

    /// Reads a reply; nil where it is none of these.
    init?(_ reply: RedisValue) {
        guard case .array(let fields) = reply, let word = fields.first?.string else { return nil }
        switch (word, fields.count) {
        case ("none", _): self = .none
        case ("fresh", _): self = .fresh
        case ("wait", 2): self = .wait(UInt64(max(1, fields[1].integer ?? 1)))
        case ("busy", _): self = .busy
        case ("ask", 5...):
            guard let epoch = fields[1].string, let sequence = fields[2].string, fields.count >= 6,
                let externalID = fields[4].string, let apiKey = fields[5].string
            else { return nil }
            self = .ask(
                Question(
                    epoch: epoch, stateSequence: sequence, state: fields[3].bytes,
                    status: fields.count > 7 ? fields[7].string : nil,
                    progress: fields.count > 8 ? fields[8].string : nil,
                    externalID: externalID, apiKey: apiKey, address: fields.count > 6 ? fields[6].string : nil))
        default: return nil
        }
    }
}
