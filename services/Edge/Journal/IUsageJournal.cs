namespace Gateway.Edge.Journal;

/// <summary>Where settled requests are recorded.</summary>
internal interface IUsageJournal
{
    /// <summary>
    /// Records a request. What was recorded survives the death of the process at any instruction afterwards. Makes no system call,
    /// takes no lock, allocates nothing; safe from any number of threads.
    /// </summary>
    /// <param name="entry">What the request used and cost.</param>
    /// <returns>False when it could not be recorded, because the disk is full or the folder cannot be written.</returns>
    bool TryAppend(in UsageEntry entry);

    /// <summary>Records that wait for an acknowledgement.</summary>
    long BacklogRecords { get; }

    /// <summary>Why <see cref="TryAppend"/> refuses, for the readiness report; null while it accepts.</summary>
    string? NotReadyReason { get; }
}
