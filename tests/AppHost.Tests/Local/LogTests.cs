using Gateway.AppHost.Local.Processes;

namespace Gateway.AppHost.Tests.Local;

public sealed class LogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("apphost-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Warnings_and_worse_are_shown_with_the_lines_that_continue_them()
    {
        var filter = new LogFilter(everything: false);
        string[] lines =
        [
            "info: A[1] hello",
            "      more of it",
            "warn: A[2] careful",
            "      because",
            "{\"LogLevel\":\"Information\",\"Message\":\"x\"}",
            "{\"LogLevel\":\"Error\",\"Message\":\"x\"}",
            "plain words",
        ];

        Assert.Equal(["warn: A[2] careful", "      because", "{\"LogLevel\":\"Error\",\"Message\":\"x\"}"], lines.Where(line => filter.Shows(line, isError: false)));
    }

    [Fact]
    public void Standard_error_is_shown_unless_it_says_that_it_is_harmless()
    {
        var filter = new LogFilter(everything: false);

        Assert.True(filter.Shows("Unhandled exception. System.Exception", isError: true));
        Assert.True(filter.Shows("   at Somewhere()", isError: true));
        Assert.False(filter.Shows("info: A[1] hello", isError: true));
    }

    [Fact]
    public void The_file_has_every_line_and_the_console_only_what_matters()
    {
        var console = new List<string>();
        var path = Path.Combine(_folder, "logs", "edge.log");
        using (var log = new ServiceLog(path, console.Add, new LogFilter(everything: false), TimeProvider.System))
        {
            log.Write("info: A[1] hello", false);
            log.Write("fail: A[2] broken", false);
        }

        Assert.Equal(["fail: A[2] broken"], console);
        Assert.Equal(["info: A[1] hello", "fail: A[2] broken"], File.ReadLines(path).Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
    }

    [Fact]
    public void The_file_is_bounded()
    {
        var path = Path.Combine(_folder, "edge.log");
        using (var log = new ServiceLog(path, null, new LogFilter(everything: false), TimeProvider.System, maxBytes: 2_000))
        {
            for (var i = 0; i < 1_000; i++)
            {
                log.Write($"line {i}", false);
            }

            log.Write(new string('x', 1_000_000), false);
        }

        var sizes = Directory.GetFiles(_folder, "edge.log*").Select(file => new FileInfo(file).Length).ToList();
        Assert.Equal(2, sizes.Count);
        Assert.True(sizes.Sum() < 25_000, $"{sizes.Sum()} bytes");
    }

    [Fact]
    public void The_tail_is_the_last_lines_once()
    {
        using var log = new ServiceLog(Path.Combine(_folder, "edge.log"), null, new LogFilter(everything: false), TimeProvider.System);
        for (var i = 0; i < 20; i++)
        {
            log.Write($"line {i}.", false);
        }

        var tail = log.Tail();

        Assert.Contains("line 19.", tail, StringComparison.Ordinal);
        Assert.DoesNotContain("line 5.", tail, StringComparison.Ordinal);
        Assert.DoesNotContain("line 19.", log.Tail(), StringComparison.Ordinal);
    }
}
