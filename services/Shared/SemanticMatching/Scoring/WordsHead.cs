using Gateway.SemanticMatching.Pairs;
using Gateway.SemanticMatching.Questions;

namespace Gateway.SemanticMatching.Scoring;

/// <summary>A learnt weight for each word that only one of two questions has ("best" says little, "not" says much), by the word's hash.</summary>
internal sealed class WordsHead(float[] weights, float bias)
{
    public const int Slots = 4096;

    public float Score(QuestionText a, QuestionText b)
    {
        var sum = bias;
        foreach (var slot in Slot(a, b))
        {
            sum += weights[slot];
        }

        return sum;
    }

    /// <summary>The slots of what differs; each as often as a word falls into it.</summary>
    public static IEnumerable<int> Slot(QuestionText a, QuestionText b)
    {
        foreach (var word in Differing(a, b).Concat(Differing(b, a)))
        {
            yield return (int)(StableHash.Of(word) % Slots);
        }
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(bias);
        foreach (var weight in weights)
        {
            writer.Write((Half)weight);
        }
    }

    public static WordsHead Read(BinaryReader reader)
    {
        var bias = reader.ReadSingle();
        var weights = new float[Slots];
        for (var i = 0; i < Slots; i++)
        {
            weights[i] = (float)reader.ReadHalf();
        }

        return new WordsHead(weights, bias);
    }

    private static IEnumerable<string> Differing(QuestionText a, QuestionText b) => a.AllStems.Where(s => !b.AllStems.Contains(s));
}
