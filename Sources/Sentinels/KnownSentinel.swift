package import RESP

/// What is known of one Sentinel.
package struct KnownSentinel {
    package typealias Address = RedisEndpoint.Address

    private enum Standing {
        case connecting
        case asked
        case says(Address)
        case nameless
        case failed(RedisFailure)
    }

    package let address: Address
    /// Whether the URL names it.
    let isNamed: Bool
    /// What it calls itself among its like; nil until it has said so.
    var id: String?
    private var standing = Standing.connecting
    /// Questions under way: only the answer to the last counts.
    private var questions = 0
    /// What it said last.
    private var last: Address?
    /// When it changed its mind; 0 where it has always said the same.
    private(set) var change = 0

    init(address: Address, isNamed: Bool = false, id: String? = nil) {
        self.address = address
        self.isNamed = isNamed
        self.id = id
    }

    /// Whether nothing of it is waited for.
    var isSettled: Bool {
        switch standing {
        case .connecting, .asked: false
        case .says, .nameless, .failed: true
        }
    }

    /// Where the master is, as it has said to the last question.
    package var says: Address? { if case .says(let address) = standing { address } else { nil } }
    /// Whether it knows no master of the name.
    var isNameless: Bool { if case .nameless = standing { true } else { false } }
    /// Why it cannot be asked.
    var failure: RedisFailure? { if case .failed(let failure) = standing { failure } else { nil } }

    /// It can be asked, and is.
    mutating func reach() {
        standing = .asked
        questions = 1
    }

    /// Whether it can be asked; then it is.
    mutating func ask() -> Bool {
        switch standing {
        case .connecting, .failed: return false
        case .asked, .says, .nameless:
            standing = .asked
            questions += 1
            return true
        }
    }

    /// It has answered a question.
    mutating func hear(_ master: Address?, change number: Int) {
        guard case .asked = standing else { return }
        questions -= 1
        guard questions == 0 else { return }
        guard let master else { return standing = .nameless }
        standing = .says(master)
        if let last, last != master { change = number }
        last = master
    }

    /// It cannot be asked.
    mutating func fail(_ failure: RedisFailure) {
        standing = .failed(failure)
        questions = 0
    }

    /// How it stands, in words.
    package var words: String {
        switch standing {
        case .connecting, .asked: "no answer yet"
        case .says(let address): "says \(address)"
        case .nameless: "knows no master of this name"
        case .failed(let failure): "\(failure)"
        }
    }
}
