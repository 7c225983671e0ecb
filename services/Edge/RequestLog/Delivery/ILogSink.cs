namespace Gateway.Edge.RequestLog.Delivery;

/// <summary>Where entries are written. Used by one worker at a time.</summary>
internal interface ILogSink
{
    /// <summary>True when room is getting scarce: bodies are left out from here on.</summary>
    bool IsNearlyFull { get; }

    /// <summary>Writes lines, each one entry as JSON with a line feed behind it.</summary>
    /// <returns>Null, or why they were not written: <c>spool</c> for no room, <c>disk</c> for a fault.</returns>
    Task<string?> WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation);
}
