using Gateway.LlmSimulator;

var (options, error) = CommandLine.Parse(args);
if (options is null)
{
    await (error is null ? Console.Out.WriteAsync(CommandLine.Help) : Console.Error.WriteLineAsync(error)).ConfigureAwait(false);
    return error is null ? 0 : 2;
}

try
{
    await using var host = await SimulatorHost.StartAsync(options).ConfigureAwait(false);
    await Console.Out.WriteLineAsync($"simulator listening on {host.BaseUrl}").ConfigureAwait(false);
    await host.WaitForShutdownAsync().ConfigureAwait(false);
    return 0;
}
catch (IOException e)
{
    await Console.Error.WriteLineAsync($"cannot listen on port {options.Port}: {e.Message} Choose another with --port, or 0 for a free one.").ConfigureAwait(false);
    return 1;
}
