using System.Globalization;
using Gateway.ServiceDefaults.Files;

namespace Gateway.Edge.Journal;

/// <summary>Segment files in the journal's folder.</summary>
internal static class SegmentFiles
{
    private const string Unfinished = ".tmp";
    private const string SetAside = ".damaged";
    private const int ZeroChunk = 256 * 1024;

    /// <summary>
    /// Makes a zeroed file with all of its space taken on the disk, so that storing into it later can never meet a full disk (which would
    /// kill the process). It appears under its name only when whole.
    /// </summary>
    /// <returns>Its path.</returns>
    public static string Create(string folder, SegmentHeader header)
    {
        var path = Path.Combine(folder, SegmentHeader.FileName(header.Number));
        var unfinished = path + Unfinished;
        try
        {
            using (var file = new FileStream(unfinished, Options(header.Bytes)))
            {
                // Reserved space alone is not enough everywhere: written zeros are.
                var zeros = new byte[Math.Min(ZeroChunk, header.Bytes)];
                header.Write(zeros);
                for (var written = 0; written < header.Bytes; written += zeros.Length)
                {
                    RandomAccess.Write(file.SafeFileHandle, zeros.AsSpan(0, Math.Min(zeros.Length, header.Bytes - written)), written);
                    if (written == 0)
                    {
                        zeros.AsSpan(0, SegmentHeader.Size).Clear();
                    }
                }
            }

            File.Move(unfinished, path);
            return path;
        }
        catch
        {
            TryDelete(unfinished);
            throw;
        }
    }

    /// <summary>Files of segments in the order of their numbers, and removes those that were never finished.</summary>
    public static List<(long Number, string Path)> List(string folder)
    {
        foreach (var unfinished in Directory.EnumerateFiles(folder, "*" + Unfinished))
        {
            TryDelete(unfinished);
        }

        var found = new List<(long Number, string Path)>();
        foreach (var path in Directory.EnumerateFiles(folder, "*" + SegmentHeader.Extension))
        {
            if (TryParse(path, out var number))
            {
                found.Add((number, path));
            }
        }

        found.Sort();
        return found;
    }

    /// <summary>Highest number ever used by a file that is still here, those set aside included.</summary>
    public static long HighestNumber(string folder)
    {
        var highest = 0L;
        foreach (var path in Directory.EnumerateFiles(folder, "*" + SegmentHeader.Extension + "*"))
        {
            if (TryParse(path, out var number))
            {
                highest = Math.Max(highest, number);
            }
        }

        return highest;
    }

    /// <summary>Reads the header of a file.</summary>
    public static SegmentHeaderState ReadHeader(string path, out SegmentHeader header)
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Size];
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var read = RandomAccess.Read(file, bytes, 0);
        var state = SegmentHeader.TryRead(bytes[..read], out header);
        return state == SegmentHeaderState.Good && RandomAccess.GetLength(file) < header.Bytes ? SegmentHeaderState.Damaged : state;
    }

    /// <summary>Gives a file that cannot be read another name: never deleted, never tried again.</summary>
    public static void PutAside(string path) => File.Move(path, path + SetAside, overwrite: true);

    /// <summary>Deletes a file if it can.</summary>
    /// <returns>False when it is still there.</returns>
    public static bool TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static FileStreamOptions Options(int bytes) => new FileStreamOptions
    {
        Mode = FileMode.Create,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        BufferSize = 0,
        PreallocationSize = bytes,
    }.ForOwnerOnly();

    private static bool TryParse(string path, out long number)
    {
        var name = Path.GetFileName(path.AsSpan());
        number = 0;
        return name.Length >= 16 && long.TryParse(name[..16], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number) && number > 0;
    }
}
