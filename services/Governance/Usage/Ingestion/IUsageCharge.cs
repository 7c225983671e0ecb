using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage.Ingestion;

/// <summary>Takes part in the transaction that records are stored in: what it writes is there exactly when the records are.</summary>
internal interface IUsageCharge
{
    /// <summary>Called before a transaction, outside of it; it may be followed by several attempts at the transaction.</summary>
    Task PrepareAsync(CancellationToken cancellation);

    /// <summary>Called inside the transaction, after the records and their aggregates are written.</summary>
    /// <param name="session">The transaction. May run again from the start after a conflict.</param>
    /// <param name="records">The records that are new; never one that was stored before.</param>
    Task ChargeAsync(DbSession session, IReadOnlyList<StoredUsage> records);
}
