using System.Text;
using Gateway.ServiceDefaults.Files;

namespace Gateway.Governance.Storage;

/// <summary>Texts that are secret, in files of their owner's only.</summary>
internal static class PrivateFile
{
    /// <summary>Content without surrounding white space, or null when there is no such file. Takes away the rights of others.</summary>
    public static async Task<string?> ReadAsync(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        OwnerOnlyFiles.Narrow(path);
        return (await File.ReadAllTextAsync(path, cancellation).ConfigureAwait(false)).Trim();
    }

    /// <summary>Writes the file. False when <paramref name="replace"/> is false and another process was first.</summary>
    public static Task<bool> WriteAsync(string path, string content, bool replace, CancellationToken cancellation) =>
        OwnerOnlyFiles.WriteAsync(path, Encoding.UTF8.GetBytes(content), replace, cancellation);
}
