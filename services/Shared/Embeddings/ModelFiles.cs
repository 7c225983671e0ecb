namespace Gateway.Embeddings;

/// <summary>Where the built-in model's files are.</summary>
internal static class ModelFiles
{
    public const string Weights = "model.safetensors";
    public const string Vocabulary = "vocab.txt";

    /// <summary>The directory beside the program into which the build copies the model.</summary>
    public static string DefaultDirectory { get; } = Path.Combine(AppContext.BaseDirectory, "minilm");

    public static void Require(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"The embedding model's file '{path}' is missing. It belongs to the installation: restore the 'minilm' directory beside the program, or name the directory that has it.",
                path);
        }
    }
}
