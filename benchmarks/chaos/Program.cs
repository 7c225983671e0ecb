using Gateway.Chaos;
using Gateway.Chaos.Running;

if (args is [SkewedEdge.Command, var skew])
{
    return await SkewedEdge.RunAsync(skew, CancellationToken.None).ConfigureAwait(false);
}

if (ChaosOptions.Parse(args, out var error) is not { } options)
{
    await Console.Error.WriteLineAsync(error).ConfigureAwait(false);
    return 2;
}

using var end = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    end.Cancel();
};
var report = await ChaosRun.RunAsync(options, Console.Out, end.Token).ConfigureAwait(false);
await Console.Out.WriteLineAsync(report.Text).ConfigureAwait(false);
if (options.Save is { } path)
{
    await File.WriteAllTextAsync(path, report.Text, CancellationToken.None).ConfigureAwait(false);
}

return report.Violations.Count == 0 ? 0 : 1;
