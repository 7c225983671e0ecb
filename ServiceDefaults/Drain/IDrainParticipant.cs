namespace Gateway.ServiceDefaults.Drain;

/// <summary>
/// Something that must reach the disk or another service before the process ends, for example a journal. Registered as a
/// singleton; called once, after the last request has ended and the service's own hosted services have stopped.
/// </summary>
public interface IDrainParticipant
{
    /// <summary>Name in the log, for example <c>usage journal</c>.</summary>
    string Name { get; }

    /// <summary>Flushes. An exception is logged and does not keep the others from flushing.</summary>
    /// <param name="cancellationToken">Cancelled when the time for flushing is over; the process then ends without waiting.</param>
    Task FlushAsync(CancellationToken cancellationToken);
}
