namespace Gateway.Governance.Entries;

/// <summary>A change as it is about to be committed.</summary>
/// <param name="Before">What was stored before it.</param>
/// <param name="Change">What is written.</param>
/// <param name="Version">The version that it makes.</param>
/// <param name="Now">When, Unix milliseconds.</param>
internal sealed record RecordedChange(ConfigState Before, ConfigChange Change, long Version, long Now);

/// <summary>Keeps a record of changes, in the transaction of the change: there is never one without the other.</summary>
internal interface IChangeRecorder
{
    Task RecordAsync(Storage.DbSession session, RecordedChange change);
}
