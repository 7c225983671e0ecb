using System.Text.Json;

namespace Gateway.Edge.Pipeline;

/// <summary>What came of the calls made for one request. The list exists only once something went wrong.</summary>
internal sealed class AttemptLog
{
    private List<Attempt>? _failed;

    /// <summary>Calls made, the successful one included.</summary>
    public int Made { get; set; }

    /// <summary>Calls that failed or were skipped.</summary>
    public int Count => _failed?.Count ?? 0;

    public void Add(string deployment, string reason, int status, double milliseconds) =>
        (_failed ??= []).Add(new Attempt(deployment, reason, status, milliseconds));

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("attempts"u8);
        foreach (var attempt in _failed ?? [])
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
    }

    private readonly record struct Attempt(string Deployment, string Reason, int Status, double Milliseconds);
}
