using System.Security.Cryptography;
using System.Text;
using Gateway.ServiceDefaults.Files;

namespace Gateway.Edge.StoredObjects;

/// <summary>The secret that <see cref="ObjectIds"/> are authenticated with.</summary>
internal static partial class ObjectIdKey
{
    /// <summary>Name of the file in the edge's folder.</summary>
    public const string FileName = "object-ids.key";

    /// <summary>The secret of edges under governance: the same on each of them, so that any serves what another made.</summary>
    public static byte[] Derive(string internalToken) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(internalToken), ObjectIds.KeyBytes, salt: null, info: "gateway edge object ids"u8.ToArray());

    /// <summary>The secret of an edge that runs alone: kept in a file for its owner only, made when there is none.</summary>
    /// <param name="folder">The edge's folder; made when missing.</param>
    /// <param name="logger">Is told when the file can be neither read nor made: ids are then good until the process ends.</param>
    public static byte[] Load(string folder, ILogger logger)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            if (!File.Exists(path))
            {
                OwnerOnlyFiles.EnsureFolder(folder);

                // Where another process was first, its key counts.
                OwnerOnlyFiles.Write(path, RandomNumberGenerator.GetBytes(ObjectIds.KeyBytes), replace: false);
            }

            var key = File.ReadAllBytes(path);
            if (key.Length == ObjectIds.KeyBytes)
            {
                return key;
            }

            LogUnusable(logger, path, "it has not the length of a key; delete it to have a new one made");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnusable(logger, path, e.Message);
        }

        return RandomNumberGenerator.GetBytes(ObjectIds.KeyBytes);
    }

    [LoggerMessage(LogLevel.Warning, "the key of object ids in {Path} cannot be used ({Reason}): ids of stored responses, files and batches are good only until this process ends")]
    private static partial void LogUnusable(ILogger logger, string path, string reason);
}
