using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gateway.McpHub.Upstreams.Stdio;

/// <summary>A program that runs, and the end of it and of all that it started.</summary>
internal sealed partial class StdioProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int SigKill = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    private readonly Process process;
    private readonly bool leadsGroup;
    private readonly Action<int?> crashed;
    private readonly TimeProvider time;
    private readonly Task logging;
    private readonly Task watching;
    private readonly int id;
    private int isEnding;
    private int hasCrashed;

    public StdioProcess(Process process, string server, bool leadsGroup, Action<int?> crashed, TimeProvider time, ILogger log)
    {
        this.process = process;
        this.leadsGroup = leadsGroup;
        this.crashed = crashed;
        this.time = time;
        id = process.Id;
        watching = WatchAsync();
        logging = new StdioLog(server, time, log).FollowAsync(process.StandardError.BaseStream);
    }

    /// <summary>What it reads.</summary>
    public Stream Input => process.StandardInput.BaseStream;

    /// <summary>What it writes.</summary>
    public Stream Output => process.StandardOutput.BaseStream;

    /// <summary>Its output ended, or it takes no input: nothing of it is to run on.</summary>
    public async ValueTask EndedAsync()
    {
        if (Volatile.Read(ref isEnding) == 0)
        {
            Kill();
            try
            {
                Crashed(await HasExitedAsync(Moment).ConfigureAwait(false) ? process.ExitCode : null);
            }
            catch (InvalidOperationException)
            {
                // Somebody ended it at the same time.
                Crashed(null);
            }
        }
    }

    /// <summary>Kills it and all that it started.</summary>
    public void Kill() => Signal(SigKill);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isEnding, 1) != 0)
        {
            return;
        }

        // It went before anybody noticed: without being counted it would be started again by every call.
        if (process.HasExited)
        {
            Crashed(process.ExitCode);
        }

        // The end of its input is what the protocol asks a program to go by.
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It went already.
        }

        if (!await HasExitedAsync(Patience).ConfigureAwait(false))
        {
            Signal(SigTerm);
            await HasExitedAsync(Patience).ConfigureAwait(false);
        }

        // Also where it has gone: what it started may not have.
        Kill();
        await HasExitedAsync(Patience).ConfigureAwait(false);
        process.StandardOutput.Close();
        process.StandardError.Close();
        await logging.ConfigureAwait(false);
        await watching.ConfigureAwait(false);
        process.Dispose();
    }

    private async Task<bool> HasExitedAsync(TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within, time);
        try
        {
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return process.HasExited;
        }
    }

    // What a program that went has started may hold its output open: then nobody would notice.
    private async Task WatchAsync()
    {
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        if (Volatile.Read(ref isEnding) == 0)
        {
            Kill();
        }
    }

    private void Crashed(int? code)
    {
        if (Interlocked.Exchange(ref hasCrashed, 1) == 0)
        {
            crashed(code);
        }
    }

    private void Signal(int signal)
    {
        if (leadsGroup)
        {
            _ = KillGroup(-id, signal);
            return;
        }

        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It went already.
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int KillGroup(int group, int signal);
}
