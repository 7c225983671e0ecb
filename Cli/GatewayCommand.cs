using System.CommandLine;
using Gateway.Cli.Commands;

namespace Gateway.Cli;

/// <summary>The command <c>gateway</c>.</summary>
internal static class GatewayCommand
{
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors, Func<string, string?> environment, CancellationToken cancellation)
    {
        var shared = new SharedOptions(environment, output, errors);
        var root = new RootCommand("Runs a gateway from the command line. Exit codes: 0 done, 1 refused or wrong, 3 the audit log is damaged, 4 the gateway does not answer.");
        shared.AddTo(root);
        root.Subcommands.Add(AuditCommands.Make(shared));
        root.Subcommands.Add(CacheCommands.Make(shared));
        root.Subcommands.Add(ConfigCommands.Make(shared));
        root.Subcommands.Add(KeyCommands.Make(shared));
        root.Subcommands.Add(McpCommands.Make(shared));
        root.Subcommands.Add(ReconcileCommands.Make(shared));
        foreach (var report in ReportCommands.Make(shared))
        {
            root.Subcommands.Add(report);
        }

        try
        {
            return await root.Parse(args).InvokeAsync(new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false }, cancellation).ConfigureAwait(false);
        }
        catch (CliException refused)
        {
            await errors.WriteLineAsync(refused.Message).ConfigureAwait(false);
            return refused.ExitCode;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync(fault.Message).ConfigureAwait(false);
            return ExitCodes.Refused;
        }
    }
}

/// <summary>What the process ends with.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Refused = 1;
    public const int Damaged = 3;
    public const int Unreachable = 4;
}

/// <summary>The command cannot be carried out; the message says why and what to do.</summary>
internal sealed class CliException(string message, int exitCode = ExitCodes.Refused) : Exception(message)
{
    public int ExitCode => exitCode;
}
