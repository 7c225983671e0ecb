using System.Text.Json;
using Gateway.ServiceDefaults.Files;

namespace Gateway.Edge.Journal;

/// <summary>
/// Records that governance refuses for what they are, one file each in the journal's <c>rejected</c> folder: out of the way of the others, and not lost.
/// </summary>
internal static class RejectedRecords
{
    private const string FolderName = "rejected";

    /// <summary>Keeps a record.</summary>
    /// <param name="journalFolder">Folder of the journal.</param>
    /// <param name="json">The record as it was sent.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <returns>Path of the file.</returns>
    /// <exception cref="IOException">It could not be written.</exception>
    public static async Task<string> KeepAsync(string journalFolder, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(journalFolder, FolderName);
        OwnerOnlyFiles.EnsureFolder(folder);
        var path = Path.Combine(folder, IdOf(json) + ".json");
        await OwnerOnlyFiles.WriteAsync(path, json, replace: true, cancellationToken).ConfigureAwait(false);
        return path;
    }

    /// <summary>Records that were set aside, as they were sent.</summary>
    /// <param name="journalFolder">Folder of the journal.</param>
    public static IReadOnlyList<string> Files(string journalFolder)
    {
        var folder = Path.Combine(journalFolder, FolderName);
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)] : [];
    }

    private static string IdOf(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("id").GetString()!;
    }
}
