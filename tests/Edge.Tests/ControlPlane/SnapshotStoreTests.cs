using System.Text;
using Gateway.ControlPlane;

namespace Gateway.Edge.Tests.ControlPlane;

public sealed class SnapshotStoreTests : IDisposable
{
    private static readonly DateTimeOffset SavedAt = new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "gateway-snapshot-" + Guid.NewGuid().ToString("n"));

    private string FilePath => Path.Combine(_folder, SnapshotStore.FileName);

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("store-a")]
    [InlineData(null)]
    public async Task What_is_saved_is_loaded_and_is_not_readable_in_the_file(string? source)
    {
        await SaveAsync("token", "{\"secret\":\"sk-very-secret\"}", source);

        var (stored, problem) = await LoadAsync("token");

        Assert.Null(problem);
        Assert.Equal("{\"secret\":\"sk-very-secret\"}", Encoding.UTF8.GetString(stored!.Json.Span));
        Assert.Equal((source, SavedAt), (stored.Source, stored.SavedAt));
        Assert.DoesNotContain("secret", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(FilePath, TestContext.Current.CancellationToken)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_file_is_no_problem()
        => Assert.Equal((null, null), await LoadAsync("token"));

    [Fact]
    public async Task A_byte_changed_or_cut_anywhere_is_noticed()
    {
        await SaveAsync("token", "{\"version\":1}", "store-a");
        var bytes = await File.ReadAllBytesAsync(FilePath, TestContext.Current.CancellationToken);
        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = bytes.ToArray();
            changed[i] ^= 1;
            await File.WriteAllBytesAsync(FilePath, changed, TestContext.Current.CancellationToken);
            Assert.True(await LoadAsync("token") is (null, not null));

            await File.WriteAllBytesAsync(FilePath, bytes[..i], TestContext.Current.CancellationToken);
            Assert.True(await LoadAsync("token") is (null, not null));
        }
    }

    [Fact]
    public async Task Another_token_cannot_read_it()
    {
        await SaveAsync("token", "{}", null);

        var (stored, problem) = await LoadAsync("other");

        Assert.Null(stored);
        Assert.Contains("another internal token", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_later_format_is_named()
    {
        await SaveAsync("token", "{}", null);
        var bytes = await File.ReadAllBytesAsync(FilePath, TestContext.Current.CancellationToken);
        bytes[8]++;
        await File.WriteAllBytesAsync(FilePath, bytes, TestContext.Current.CancellationToken);

        Assert.Contains("format 2", (await LoadAsync("token")).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_is_for_its_owner_only_even_when_an_open_one_lay_there()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Unix permissions");
            return;
        }

        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(FilePath + ".tmp", "", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(FilePath + ".tmp", (UnixFileMode)0b110_110_110);
        await SaveAsync("token", "{}", null);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        Assert.Equal([FilePath], Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Differences_follow_what_is_kept_and_what_is_cut_or_changed_ends_them()
    {
        var store = new SnapshotStore(_folder, "token");
        Assert.False(store.Takes(1));
        await store.SaveAsync(new StoredSnapshot("s", SavedAt, "{}"u8.ToArray()), TestContext.Current.CancellationToken);
        List<long> ends = [];
        var log = Path.Combine(_folder, SnapshotStore.DifferencesFileName);
        for (var i = 1; i <= 3; i++)
        {
            Assert.True(store.Takes(10));
            await store.AppendAsync(SavedAt.AddMinutes(i), Encoding.UTF8.GetBytes($"difference {i}"), TestContext.Current.CancellationToken);
            ends.Add(new FileInfo(log).Length);
        }

        var bytes = await File.ReadAllBytesAsync(log, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("difference", Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
        for (var length = 0; length <= bytes.Length; length++)
        {
            await File.WriteAllBytesAsync(log, bytes[..length], TestContext.Current.CancellationToken);
            await AssertDifferencesAsync(ends.Count(e => e <= length), isWhole: length == 0 || ends.Contains(length));
        }

        for (var at = 0; at < bytes.Length; at++)
        {
            var changed = bytes.ToArray();
            changed[at] ^= 1;
            await File.WriteAllBytesAsync(log, changed, TestContext.Current.CancellationToken);
            await AssertDifferencesAsync(ends.Count(e => e <= at), isWhole: false);
        }
    }

    [Fact]
    public async Task Differences_of_a_former_snapshot_do_not_follow_another()
    {
        var store = new SnapshotStore(_folder, "token");
        await store.SaveAsync(new StoredSnapshot("s", SavedAt, "{}"u8.ToArray()), TestContext.Current.CancellationToken);
        await store.AppendAsync(SavedAt, "one"u8.ToArray(), TestContext.Current.CancellationToken);
        var log = Path.Combine(_folder, SnapshotStore.DifferencesFileName);
        var former = await File.ReadAllBytesAsync(log, TestContext.Current.CancellationToken);
        await store.SaveAsync(new StoredSnapshot("s", SavedAt, "{}"u8.ToArray()), TestContext.Current.CancellationToken);
        Assert.False(File.Exists(log));
        await File.WriteAllBytesAsync(log, former, TestContext.Current.CancellationToken);
        await AssertDifferencesAsync(0, isWhole: false);
    }

    [Fact]
    public async Task A_long_row_of_differences_gives_way_to_a_whole()
    {
        var store = new SnapshotStore(_folder, "token");
        await store.SaveAsync(new StoredSnapshot("s", SavedAt, "{}"u8.ToArray()), TestContext.Current.CancellationToken);
        var taken = 0;
        for (; store.Takes(100_000); taken++)
        {
            await store.AppendAsync(SavedAt, new byte[100_000], TestContext.Current.CancellationToken);
        }

        Assert.Equal(2, taken);
        await store.SaveAsync(new StoredSnapshot("s", SavedAt, "{}"u8.ToArray()), TestContext.Current.CancellationToken);
        Assert.True(store.Takes(100_000));
    }

    private async Task AssertDifferencesAsync(int count, bool isWhole)
    {
        var store = new SnapshotStore(_folder, "token");
        var (stored, problem) = await store.LoadAsync(TestContext.Current.CancellationToken);
        Assert.Null(problem);
        Assert.Equal(Enumerable.Range(1, count).Select(static i => $"difference {i}"), stored!.Differences.Select(static d => Encoding.UTF8.GetString(d.Span)));
        Assert.Equal(SavedAt.AddMinutes(count), stored.SavedAt);
        Assert.Equal(isWhole, store.Takes(1));
    }

    private Task SaveAsync(string token, string json, string? source)
        => new SnapshotStore(_folder, token).SaveAsync(new StoredSnapshot(source, SavedAt, Encoding.UTF8.GetBytes(json)), TestContext.Current.CancellationToken);

    private Task<(StoredSnapshot? Snapshot, string? Problem)> LoadAsync(string token)
        => new SnapshotStore(_folder, token).LoadAsync(TestContext.Current.CancellationToken);
}
