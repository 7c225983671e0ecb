using System.Text;

namespace Gateway.Embeddings.Tokenization;

/// <summary>The word pieces and their ids.</summary>
internal sealed class Vocabulary
{
    private const string ContinuationMark = "##";

    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _starts;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuations;

    private Vocabulary(Dictionary<string, int> starts, Dictionary<string, int> continuations)
    {
        _starts = starts.GetAlternateLookup<ReadOnlySpan<char>>();
        _continuations = continuations.GetAlternateLookup<ReadOnlySpan<char>>();
        LongestPiece = starts.Keys.Concat(continuations.Keys).Max(piece => piece.Length);
        Count = starts.Count + continuations.Count;
    }

    /// <summary>Length of the longest piece in UTF-16 code units, without the continuation mark.</summary>
    public int LongestPiece { get; }

    public int Count { get; }

    public required int Unknown { get; init; }

    public required int Classify { get; init; }

    public required int Separator { get; init; }

    public static Vocabulary Load(string path)
    {
        var starts = new Dictionary<string, int>(25_000, StringComparer.Ordinal);
        var continuations = new Dictionary<string, int>(6_000, StringComparer.Ordinal);
        var id = 0;
        foreach (var line in File.ReadLines(path, Encoding.UTF8))
        {
            var added = line.StartsWith(ContinuationMark, StringComparison.Ordinal) && line.Length > ContinuationMark.Length
                ? continuations.TryAdd(line[ContinuationMark.Length..], id)
                : line.Length > 0 && starts.TryAdd(line, id);
            if (!added)
            {
                throw new InvalidDataException($"Line {id + 1} of the vocabulary '{path}' is empty or repeats an earlier piece; restore the file from the release.");
            }

            id++;
        }

        return new Vocabulary(starts, continuations)
        {
            Unknown = Special(starts, "[UNK]", path),
            Classify = Special(starts, "[CLS]", path),
            Separator = Special(starts, "[SEP]", path),
        };
    }

    public bool TryFind(ReadOnlySpan<char> piece, bool continuation, out int id) =>
        (continuation ? _continuations : _starts).TryGetValue(piece, out id);

    private static int Special(Dictionary<string, int> starts, string piece, string path) =>
        starts.TryGetValue(piece, out var id)
            ? id
            : throw new InvalidDataException($"The vocabulary '{path}' has no piece {piece}; restore the file from the release.");
}
