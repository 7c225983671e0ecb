using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Gateway.Contracts.Mcp;
using Gateway.ControlPlane.LocalFiles;
using Gateway.ServiceDefaults.Files;

namespace Gateway.McpHub.CallLog;

/// <summary>
/// Calls on disk until governance says that it has them: sealed files, each with the calls of a while. A restart or a kill loses none that was written; what governance had already is told again, and known there by its
/// id. Bounded: when governance is away too long, what comes is left out. Not for several threads at once.
/// </summary>
internal sealed class CallSpool : IDisposable
{
    private const int MostHubs = 100;
    private const string Extension = ".calls";
    private const long DefaultMost = 256L * 1024 * 1024;
    private const long DefaultMostOfFile = 2 * 1024 * 1024;

    private readonly FileStream? _lock;
    private readonly string _folder;
    private readonly byte[] _key;
    private readonly long _most;
    private readonly long _mostOfFile;
    private readonly SortedDictionary<long, long> _closed = [];
    private long _open;
    private long _openBytes;
    private int _openRecords;
    private long _bytes;

    /// <summary>Uses a folder; what is in it from before is told first.</summary>
    /// <param name="root">The folder; made when missing. Where another hub has it, the next one beside it is taken.</param>
    /// <param name="internalToken">The secret that services share: the files' key is made of it.</param>
    /// <param name="most">Most bytes of all files.</param>
    /// <param name="mostOfFile">Bytes at which a new file is begun.</param>
    public CallSpool(string root, string internalToken, long most = DefaultMost, long mostOfFile = DefaultMostOfFile)
    {
        (_folder, _lock) = Locked(root);
        (_key, _most, _mostOfFile) = (SealedFile.KeyFor(internalToken, "gateway hub calls"), most, mostOfFile);
        if (_lock is not null)
        {
            foreach (var file in new DirectoryInfo(_folder).EnumerateFiles("*" + Extension))
            {
                if (long.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    _closed[number] = file.Length;
                    _bytes += file.Length;
                }
            }
        }

        _open = _closed.Count == 0 ? 1 : _closed.Keys.Max() + 1;
    }

    /// <summary>Whether there are calls that governance does not have.</summary>
    public bool HasAny => _closed.Count > 0 || _openRecords > 0;

    /// <summary>Writes calls; when this returns true they outlive the process and the machine's power.</summary>
    /// <returns>False when there is no room for them.</returns>
    /// <exception cref="IOException">They could not be written.</exception>
    public async Task<bool> AppendAsync(IReadOnlyList<McpCallRecord> calls, CancellationToken cancellation)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(calls, CallSpoolJson.Default.IReadOnlyListMcpCallRecord);
        if (_bytes + _openBytes + content.Length > _most)
        {
            return false;
        }

        if (_openBytes > _mostOfFile)
        {
            Close();
        }

        try
        {
            await Log(_open).AppendAsync(Name(_open), _openRecords, content, cancellation).ConfigureAwait(false);
        }
        catch
        {
            // Half a record may be there now, and nothing behind it would be read.
            Close();
            throw;
        }

        _openRecords++;
        _openBytes += content.Length;
        return true;
    }

    /// <summary>The calls of the oldest file, and whether there is something in it that is no call of this hub; null when there is no file. What is added from now on goes into another.</summary>
    public async Task<(long File, IReadOnlyList<McpCallRecord> Calls, bool IsDamaged)?> OldestAsync(CancellationToken cancellation)
    {
        if (_closed.Count == 0 && _openRecords > 0)
        {
            Close();
        }

        if (_closed.Count == 0)
        {
            return null;
        }

        var oldest = _closed.Keys.First();
        var (records, isWhole) = await Log(oldest).ReadAsync(Name(oldest), cancellation).ConfigureAwait(false);
        var calls = new List<McpCallRecord>();
        foreach (var record in records)
        {
            try
            {
                calls.AddRange(JsonSerializer.Deserialize(record, CallSpoolJson.Default.IReadOnlyListMcpCallRecord) ?? []);
            }
            catch (JsonException)
            {
                isWhole = false;
            }
        }

        return (oldest, calls, !isWhole);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    /// <summary>Lets a file go: governance has its calls.</summary>
    public void Done(long file)
    {
        Log(file).Delete();
        if (_closed.Remove(file, out var bytes))
        {
            _bytes -= bytes;
        }
    }

    private void Close()
    {
        if (_openRecords > 0 || File.Exists(PathOf(_open)))
        {
            var bytes = new FileInfo(PathOf(_open)) is { Exists: true } file ? file.Length : 0;
            _closed[_open] = bytes;
            _bytes += bytes;
        }

        (_open, _openBytes, _openRecords) = (_open + 1, 0, 0);
    }

    // Two hubs of one data folder must not write into the same files. What cannot be locked cannot be written either, which is told when it is tried.
    private static (string Folder, FileStream? Lock) Locked(string root)
    {
        for (var i = 1; i <= MostHubs; i++)
        {
            var folder = i == 1 ? root : string.Create(CultureInfo.InvariantCulture, $"{root}-{i}");
            try
            {
                Directory.CreateDirectory(folder);
                return (folder, new FileStream(Path.Combine(folder, "lock"), new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None }.ForOwnerOnly()));
            }
            catch (UnauthorizedAccessException)
            {
                break;
            }
            catch (IOException)
            {
                // Another hub's, or a disk that is full.
            }
        }

        return (root, null);
    }

    private SealedLog Log(long file) => new(PathOf(file), _key);

    private string PathOf(long file) => Path.Combine(_folder, file.ToString("D12", CultureInfo.InvariantCulture) + Extension);

    private static byte[] Name(long file)
    {
        var name = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(name, file);
        return name;
    }
}
