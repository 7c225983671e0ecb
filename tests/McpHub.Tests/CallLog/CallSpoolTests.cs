using Gateway.Contracts.Mcp;
using Gateway.McpHub.CallLog;

namespace Gateway.McpHub.Tests.CallLog;

/// <summary>Calls on disk: none that was written is lost, whatever happens to the process, and there are never too many.</summary>
public sealed class CallSpoolTests : IDisposable
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), "gateway-spool-" + Guid.NewGuid().ToString("n"));
    private readonly string files;

    public CallSpoolTests() => files = Path.Combine(folder, "calls");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task What_was_written_is_there_after_a_restart_in_its_order_until_it_is_done()
    {
        using (var before = new CallSpool(files, "token", mostOfFile: 600))
        {
            for (var i = 0; i < 10; i++)
            {
                Assert.True(await before.AppendAsync([Call(i)], Cancel));
            }
        }

        Assert.DoesNotContain("tool-3", string.Concat(Directory.GetFiles(files, "*.calls").Select(File.ReadAllText)), StringComparison.Ordinal);
        using var after = new CallSpool(files, "token");
        Assert.True(await after.AppendAsync([Call(10), Call(11)], Cancel));
        Assert.Equal(Enumerable.Range(0, 12).Select(static i => $"tool-{i}"), await DrainAsync(after));
        Assert.False(after.HasAny);
        Assert.Empty(Directory.GetFiles(files, "*.calls"));
        using var empty = new CallSpool(Path.Combine(folder, "other"), "token");
        Assert.Null(await empty.OldestAsync(Cancel));
    }

    [Fact]
    public async Task A_file_cut_anywhere_gives_what_was_whole_and_is_not_in_the_way()
    {
        using (var before = new CallSpool(files, "token"))
        {
            for (var i = 0; i < 3; i++)
            {
                await before.AppendAsync([Call(i)], Cancel);
            }
        }

        var file = Assert.Single(Directory.GetFiles(files, "*.calls"));
        var whole = await File.ReadAllBytesAsync(file, Cancel);
        var most = 3;
        for (var length = whole.Length; length >= 0; length -= 7)
        {
            await File.WriteAllBytesAsync(file, whole[..length], Cancel);
            using var after = new CallSpool(files, "token");
            Assert.True(await after.AppendAsync([Call(9)], Cancel));
            var found = await DrainAsync(after);
            Assert.InRange(found.Count - 1, 0, most);
            most = found.Count - 1;
            Assert.Equal([.. Enumerable.Range(0, most).Select(static i => $"tool-{i}"), "tool-9"], found);
        }

        Assert.Equal(0, most);
    }

    [Fact]
    public async Task Another_token_reads_nothing_and_says_so()
    {
        using (var before = new CallSpool(files, "token"))
        {
            await before.AppendAsync([Call(1)], Cancel);
        }

        using var after = new CallSpool(files, "other");
        var (file, calls, isDamaged) = (await after.OldestAsync(Cancel))!.Value;
        Assert.Empty(calls);
        Assert.True(isDamaged);
        after.Done(file);
        Assert.False(after.HasAny);
    }

    [Fact]
    public async Task It_never_grows_beyond_its_bound_and_takes_again_once_there_is_room()
    {
        using var spool = new CallSpool(files, "token", most: 3_000, mostOfFile: 500);
        var taken = 0;
        while (await spool.AppendAsync([Call(taken)], Cancel))
        {
            taken++;
        }

        Assert.InRange(new DirectoryInfo(files).EnumerateFiles("*.calls").Sum(static f => f.Length), 1, 4_000);
        using (var again = await RestartAsync(spool))
        {
            Assert.False(await again.AppendAsync([Call(taken)], Cancel));
            Assert.Equal(taken, (await DrainAsync(again)).Count);
            Assert.True(await again.AppendAsync([Call(taken)], Cancel));
        }
    }

    [Fact]
    public async Task Two_hubs_of_one_folder_have_files_of_their_own()
    {
        using var one = new CallSpool(files, "token");
        using var two = new CallSpool(files, "token");
        await one.AppendAsync([Call(1)], Cancel);
        await two.AppendAsync([Call(2)], Cancel);
        Assert.Equal(["tool-1"], await DrainAsync(one));
        Assert.Equal(["tool-2"], await DrainAsync(two));
    }

    private Task<CallSpool> RestartAsync(CallSpool spool)
    {
        spool.Dispose();
        return Task.FromResult(new CallSpool(files, "token", most: 3_000, mostOfFile: 500));
    }

    private static async Task<List<string>> DrainAsync(CallSpool spool)
    {
        var all = new List<string>();
        while (await spool.OldestAsync(Cancel) is { } oldest)
        {
            var (file, calls, _) = oldest;
            all.AddRange(calls.Select(static c => c.Tool));
            spool.Done(file);
        }

        return all;
    }

    private static McpCallRecord Call(int number) => new() { Id = number.ToString("x32", System.Globalization.CultureInfo.InvariantCulture), StartedAtMicros = number, ServerId = "s", Tool = $"tool-{number}", Outcome = McpCallOutcome.Done };
}
