internal import Glibc

/// A thread that runs a closure.
package struct BackgroundThread: @unchecked Sendable {
    // Sendable: the identifier is a number, joined once.
    private let identifier: pthread_t

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a thread. Traps where the process can start no more.
    package init(_ run: @escaping @Sendable () -> Void) {
        guard let thread = Self.start(run) else { fatalError("BackgroundThread: pthread_create failed") }
        self = thread
    }

    private init(identifier: pthread_t) { self.identifier = identifier }

    /// Starts a thread; nil where the process can start no more.
    package static func start(_ run: @escaping @Sendable () -> Void) -> BackgroundThread? {
        let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
            Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().run()
            return nil
        }
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(run))
        guard pthread_create(&thread, nil, main, body.toOpaque()) == 0 else {
            body.release()
            return nil
        }
        return BackgroundThread(identifier: thread)
    }

    /// Waits for its end. Call it once.
    package func join() { pthread_join(identifier, nil) }
}
