using System.Text;
using Gateway.ServiceDefaults.Files;

namespace Gateway.ServiceDefaults.Tests;

public sealed class OwnerOnlyFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gateway-files-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_is_its_owners_alone_and_replaced_whole(bool isAsync)
    {
        var path = Path.Combine(_folder, "secret");
        Assert.True(await WriteAsync(path, "first", replace: true, isAsync));
        Assert.True(await WriteAsync(path, "second", replace: true, isAsync));
        Assert.Equal("second", await File.ReadAllTextAsync(path, Cancel));
        Assert.Equal([path], Directory.GetFiles(_folder));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_is_not_first_leaves_the_file_as_it_is(bool isAsync)
    {
        var path = Path.Combine(_folder, "key");
        var made = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => WriteAsync(path, i.ToString("D2", null), replace: false, isAsync), Cancel)));
        var first = Assert.Single(made.Index(), static m => m.Item).Index;
        Assert.Equal(first.ToString("D2", null), await File.ReadAllTextAsync(path, Cancel));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task What_cannot_be_written_leaves_nothing_behind()
    {
        var path = Path.Combine(_folder, "taken");
        Directory.CreateDirectory(Path.Combine(path, "inside"));
        await Assert.ThrowsAnyAsync<Exception>(() => WriteAsync(path, "x", replace: true, isAsync: true));
        Assert.ThrowsAny<Exception>(() => OwnerOnlyFiles.Write(path, "x"u8, replace: true));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => OwnerOnlyFiles.WriteAsync(Path.Combine(_folder, "late"), new byte[1], replace: true, cancelled.Token));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Folders_are_their_owners_and_rights_of_others_are_taken_away()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var inner = OwnerOnlyFiles.EnsureFolder(Path.Combine(_folder, "a", "b"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(inner));
        var path = Path.Combine(inner, "open");
        File.WriteAllText(path, "");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        OwnerOnlyFiles.Narrow(path);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    private static async Task<bool> WriteAsync(string path, string text, bool replace, bool isAsync) =>
        isAsync ? await OwnerOnlyFiles.WriteAsync(path, Encoding.UTF8.GetBytes(text), replace, Cancel) : OwnerOnlyFiles.Write(path, Encoding.UTF8.GetBytes(text), replace);
}
