using System.Collections.Concurrent;
using Gateway.Contracts.Configuration;
using Gateway.ControlPlane;
using Microsoft.Extensions.Logging;

namespace Gateway.Edge.Tests.ControlPlane;

/// <summary>Notes what was put into force.</summary>
internal sealed class RecordingSink : ISnapshotSink
{
    public ConcurrentQueue<GatewaySnapshot> Applied { get; } = [];

    public long Version => Applied.LastOrDefault()?.Version ?? 0;

    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>What is wrong with a configuration, besides <see cref="Problems"/>.</summary>
    public Func<GatewaySnapshot, IReadOnlyList<string>> Check { get; set; } = static _ => [];

    public IReadOnlyList<string> Apply(GatewaySnapshot snapshot)
    {
        if (Check(snapshot) is { Count: > 0 } wrong)
        {
            return wrong;
        }

        Applied.Enqueue(snapshot);
        return Problems;
    }
}

/// <summary>Notes what was logged.</summary>
internal sealed class RecordingLogger<T> : ILogger<T>
{
    public ConcurrentQueue<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => Lines.Enqueue(formatter(state, exception));
}
