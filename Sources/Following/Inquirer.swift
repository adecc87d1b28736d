package import Events

/// Asks third parties how tasks stand.
package protocol Inquirer: AnyObject {
    /// Asks the task's third party, where it has one, for one viewer. `completion` is told whether the stored state may
    /// have changed. `isEager`: an answer from a moment ago is too old.
    func ask(
        about name: ChannelName, isEager: Bool, for viewer: any Viewer,
        _ completion: @escaping (_ mayHaveChanged: Bool) -> Void)
}
