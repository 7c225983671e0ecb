using System.Security.Cryptography;

namespace Gateway.AppHost.Local.Hosting;

/// <summary>Makes secrets and keeps them in files that only the owner reads.</summary>
internal static class Secrets
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A random password of letters and digits, 190 bits.</summary>
    public static string NewPassword() => new GenerateParameterDefault { MinLength = 32, Special = false }.GetDefaultValue();

    /// <summary>The secret in a file, made by <paramref name="generate"/> when there is none yet.</summary>
    public static string ReadOrCreate(string path, Func<string> generate)
    {
        if (File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } known)
        {
            return known;
        }

        var value = generate();
        Write(path, value + "\n");
        return value;
    }

    /// <summary>Replaces a file as a whole; nobody else may read it at any moment.</summary>
    public static void Write(string path, string text)
    {
        var draft = $"{path}.{RandomNumberGenerator.GetHexString(8)}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var writer = new StreamWriter(draft, options))
        {
            writer.Write(text);
        }

        File.Move(draft, path, overwrite: true);
    }
}
