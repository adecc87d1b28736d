package import Events
package import RESP

/// Claims the inquiry to a task's third party.
package struct BeginInquiryScript: ScriptRequest {
    package static let script = RedisScript("inquiry-begin", file: "BeginInquiryScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// Whether the caller may ask.
    package enum Turn: Sendable, Equatable {
        /// There is no third party to ask.
        case none
        /// A node asked just now, or the task has moved on since.
        case fresh
        /// In so many milliseconds.
        case wait(UInt64)
        /// Another node is asking.
        case busy
        /// Ask.
        case ask(Question)
    }

    /// The third party, and how the task stood.
    package struct Question: Sendable, Equatable {
        /// The task's epoch.
        package let epoch: String
        /// The sequence of the stored state, as Redis has it.
        package let stateSequence: String
        /// The stored state.
        package let state: [UInt8]?
        /// The last status.
        package let status: String?
        /// The last progress.
        package let progress: String?
        /// The third party's name for the task.
        package let externalID: String
        /// The value of the header `Authorization`.
        package let apiKey: String
        /// The third party; nil where the task was registered without one.
        package let address: String?

        package init(
            epoch: String, stateSequence: String, state: [UInt8]?, status: String?, progress: String?,
            externalID: String, apiKey: String, address: String?
        ) {
            (self.epoch, self.stateSequence, self.state) = (epoch, stateSequence, state)
            (self.status, self.progress) = (status, progress)
            (self.externalID, self.apiKey, self.address) = (externalID, apiKey, address)
        }
    }

    /// `token` names this inquiry, which may take so long. `isEager`: an answer from a moment ago is too old.
    package init(_ channel: ChannelName, token: String, milliseconds: UInt64, isEager: Bool, naming: Naming) {
        keys = [naming.metaKey(of: channel), naming.secretKey(of: channel), naming.inquiryKey(of: channel)]
        arguments = [[UInt8]](words: [token, "\(milliseconds)", isEager ? "1" : ""])
    }

    package func reply(_ value: RedisValue) -> Turn? {
        guard let fields = value.array, let word = fields.first?.string else { return nil }
        switch (word, fields.count) {
        case ("none", _): return Turn.none
        case ("fresh", _): return .fresh
        case ("wait", 2): return .wait(UInt64(max(1, fields[1].integer ?? 1)))
        case ("busy", _): return .busy
        case ("ask", 9): return Question(fields).map(Turn.ask)
        default: return nil
        }
    }
}

extension BeginInquiryScript.Question {
    fileprivate init?(_ fields: [RedisValue]) {
        guard let epoch = fields[1].string, let sequence = fields[2].string, let externalID = fields[4].string,
            let apiKey = fields[5].string
        else { return nil }
        self.init(
            epoch: epoch, stateSequence: sequence, state: fields[3].bytes, status: fields[7].string,
            progress: fields[8].string, externalID: externalID, apiKey: apiKey, address: fields[6].string)
    }
}
