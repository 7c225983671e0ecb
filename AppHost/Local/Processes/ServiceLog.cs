using System.Globalization;
using System.Text;

namespace Gateway.AppHost.Local.Processes;

/// <summary>All output of one process in a file of bounded size, and what matters of it on the console.</summary>
internal sealed class ServiceLog : IDisposable
{
    /// <summary>Bytes after which the file becomes <c>.1</c> and a new one begins: at most twice this much is kept.</summary>
    public const long DefaultMaxBytes = 10 * 1024 * 1024;

    private const int TailLines = 8;
    private const int MaxLineLength = 16 * 1024;
    private readonly Lock _gate = new();
    private readonly Queue<string> _tail = new();
    private readonly string _path;
    private readonly Action<string>? _console;
    private readonly LogFilter _filter;
    private readonly TimeProvider _time;
    private readonly long _maxBytes;
    private StreamWriter? _file;
    private long _written;

    /// <summary>Opens the log; lines are added to what earlier runs left.</summary>
    /// <param name="path">The file.</param>
    /// <param name="console">Gets the lines for the console; null when none of them are wanted there.</param>
    /// <param name="filter">Says which those are.</param>
    /// <param name="time">The clock of the file's time stamps.</param>
    /// <param name="maxBytes">See <see cref="DefaultMaxBytes"/>.</param>
    public ServiceLog(string path, Action<string>? console, LogFilter filter, TimeProvider time, long maxBytes = DefaultMaxBytes)
    {
        (_path, _console, _filter, _time, _maxBytes) = (path, console, filter, time, maxBytes);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Open();
    }

    /// <summary>Takes a line of output.</summary>
    public void Write(string line, bool isError)
    {
        if (line.Length > MaxLineLength)
        {
            line = string.Concat(line.AsSpan(0, MaxLineLength), " ... (cut)");
        }

        lock (_gate)
        {
            if (_file is null)
            {
                return;
            }

            var stamped = string.Create(CultureInfo.InvariantCulture, $"{_time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {line}");
            _written += Encoding.UTF8.GetByteCount(stamped) + 1;
            _file.Write(stamped + "\n");
            _tail.Enqueue(line);
            if (_tail.Count > TailLines)
            {
                _tail.Dequeue();
            }

            if (_written >= _maxBytes)
            {
                _file.Dispose();
                File.Move(_path, _path + ".1", overwrite: true);
                Open();
            }

            if (_console is not null && _filter.Shows(line, isError))
            {
                _console(line);
            }
        }
    }

    /// <summary>The last lines, indented below a message that says what happened; they are forgotten then.</summary>
    public string Tail()
    {
        lock (_gate)
        {
            var text = string.Concat(_tail.Select(line => $"\n    {line}")) + $"\n    (all of it: {_path})";
            _tail.Clear();
            return text;
        }
    }

    /// <summary>The <see cref="Tail"/> of a process whose lines do not go to the console; otherwise only where the log is.</summary>
    public string Unseen() => _console is null ? Tail() : $" (log: {_path})";

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private void Open()
    {
        _file = new StreamWriter(new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) { AutoFlush = true };
        _written = _file.BaseStream.Length;
    }
}
