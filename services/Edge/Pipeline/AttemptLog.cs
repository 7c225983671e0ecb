using System.Text.Json;

namespace Gateway.Edge.Pipeline;

/// <summary>What came of the calls made for one request. The list exists only once something went wrong.</summary>
internal sealed class AttemptLog
{
    private Failures? _failed;

    // Shared by all requests: only failures take it.
    private static readonly Lock _lock = new();

    private int _made;

    /// <summary>Calls made, the successful one included.</summary>
    public int Made => Volatile.Read(ref _made);

    /// <summary>The decision record as JSON, in the errors of callers that asked for it; else null.</summary>
    public string? Decision
    {
        get => _failed?.Decision;
        set
        {
            lock (_lock)
            {
                (_failed ??= []).Decision = value;
            }
        }
    }

    /// <summary>Calls that failed or were skipped.</summary>
    public int Count => _failed?.Count ?? 0;

    /// <summary>Calls that failed or were skipped, in the order they ended. To be read once the request has ended.</summary>
    public IReadOnlyList<Attempt> Failed => _failed is { } failed ? failed : [];

    public void CountMade() => Interlocked.Increment(ref _made);

    /// <summary>Adds a call that failed or was skipped. Hedged calls do so at the same time.</summary>
    /// <param name="deployment">The deployment.</param>
    /// <param name="reason">What went wrong, in a few words.</param>
    /// <param name="status">The provider's status; 0 for none.</param>
    /// <param name="milliseconds">How long it took.</param>
    /// <param name="started">When the call began, in microseconds since the request came; 0 where none was made.</param>
    public void Add(string deployment, string reason, int status, double milliseconds, long started = 0)
    {
        lock (_lock)
        {
            (_failed ??= []).Add(new Attempt(deployment, reason, status, milliseconds, started));
        }
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("attempts"u8);
        foreach (var attempt in Failed)
        {
            writer.WriteStartObject();
            writer.WriteString("deployment"u8, attempt.Deployment);
            writer.WriteString("reason"u8, attempt.Reason);
            if (attempt.Status != 0)
            {
                writer.WriteNumber("status"u8, attempt.Status);
            }

            writer.WriteNumber("ms"u8, Math.Round(attempt.Milliseconds, 1));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (Decision is not null)
        {
            writer.WritePropertyName("decision"u8);
            writer.WriteRawValue(Decision);
        }
    }

    // The decision is told along with failures only: requests without any carry no place for it.
    private sealed class Failures : List<Attempt>
    {
        public string? Decision { get; set; }
    }

    /// <summary>One of them.</summary>
    internal readonly record struct Attempt(string Deployment, string Reason, int Status, double Milliseconds, long Started);
}
