using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using Gateway.McpHub.Configuration;

namespace Gateway.McpHub.Upstreams.Stdio;

/// <summary>Starts the programs of servers. One that crashed is started again the later the more often it crashed.</summary>
internal sealed partial class StdioHost(StdioCommand command, TimeProvider time, ILogger<StdioHost> log)
{
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, CrashHistory> crashes = new(StringComparer.Ordinal);

    /// <summary>Starts a program; null when it cannot be started, or not yet again.</summary>
    public StdioProcess? Start(UpstreamSettings settings, ILogger processLog)
    {
        if (settings.Stdio is not { } stdio)
        {
            return null;
        }

        var history = crashes.GetOrAdd($"{settings.Id} {settings.Fingerprint()}", static _ => new CrashHistory());
        if (!history.MayStart(time))
        {
            return null;
        }

        var began = time.GetTimestamp();
        try
        {
            var process = Process.Start(command.For(settings.Id, stdio)) ?? throw new InvalidOperationException("no process came of it");
            return new StdioProcess(process, settings.Id, StdioCommand.LeadsGroup, Ended, time, processLog);
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            history.Crashed(time);
            NotStarted(settings.Id, e.Message);
            return null;
        }

        void Ended(int? code)
        {
            if (time.GetElapsedTime(began) < Steady)
            {
                history.Crashed(time);
            }
            else
            {
                history.WasSteady();
            }

            Crashed(settings.Id, code);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The program of the MCP server {Server} could not be started: {Reason}")]
    private partial void NotStarted(string server, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The program of the MCP server {Server} ended by itself, with code {Code}")]
    private partial void Crashed(string server, int? code);
}

/// <summary>How often a program crashed in a row: after the first time it waits half a second, then twice as long each time, at most 30 s.</summary>
internal sealed class CrashHistory
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private int count;
    private DateTimeOffset notBefore;

    public bool MayStart(TimeProvider time)
    {
        lock (gate)
        {
            return time.GetUtcNow() >= notBefore;
        }
    }

    public void Crashed(TimeProvider time)
    {
        lock (gate)
        {
            notBefore = time.GetUtcNow() + TimeSpan.FromTicks(Math.Min(First.Ticks << Math.Min(count, 10), Longest.Ticks));
            count++;
        }
    }

    public void WasSteady()
    {
        lock (gate)
        {
            count = 0;
        }
    }
}
