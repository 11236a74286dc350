#include "compare/leader_epochs.h"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <utility>

#include "compare/poll_until.h"
#include "kafka/consumer.h"

namespace forebay {
namespace {

constexpr int64_t kQueueBytes = 8'000'000;

class EpochCheck {
 public:
  EpochCheck(const LogCheckOptions& options, kafka::Admin& admin, const std::vector<EpochQuestion>& questions)
      : options_(options),
        admin_(admin),
        questions_(questions),
        is_answered_(questions.size()),
        is_cut_back_(questions.size()) {}

  Result<std::vector<bool>> Run() {
    for (std::vector<size_t> asked = Unanswered(); !asked.empty(); asked = Unanswered())
      FOREBAY_TRY(Ask(asked));
    return is_cut_back_;
  }

 private:
  // One question of each log: a consumer has one position in it.
  std::vector<size_t> Unanswered() const {
    std::vector<size_t> chosen;
    std::set<kafka::NamedPartition> logs;
    for (size_t i = 0; i < questions_.size(); ++i) {
      if (!is_answered_[i] && logs.insert(questions_[i].partition).second) chosen.push_back(i);
    }
    return chosen;
  }

  // Answers at least one of the questions, and all of them where no log was cut back. Before it reads from a
  // position with a leader epoch, the client asks the brokers whether their log still has it.
  Status Ask(const std::vector<size_t>& asked) {
    kafka::ConsumerOptions consumer_options;
    consumer_options.queue_bytes = kQueueBytes;
    std::map<std::string, uint32_t> topics;
    std::vector<kafka::Position> starts;
    for (const size_t i : asked) {
      const auto& [partition, record] = questions_[i];
      const auto [topic, is_new] = topics.try_emplace(partition.topic, static_cast<uint32_t>(topics.size()));
      if (is_new) consumer_options.topics.push_back(partition.topic);
      starts.push_back({topic->second, partition.partition, Offset(record.offset.value() + 1), false,
                        record.leader_epoch});
    }
    FOREBAY_ASSIGN(const auto consumer, kafka::Consumer::Open(*options_.brokers, consumer_options));
    FOREBAY_TRY(consumer->Assign(starts));
    const Status read = PollUntil(*consumer, options_.stop, [&](const auto& /*messages*/) {
      const std::vector<kafka::Position>& positions = consumer->positions();
      for (size_t i = 0; i < asked.size(); ++i) {
        if (positions[i].at_end || positions[i].offset > starts[i].offset) is_answered_[asked[i]] = true;
      }
      return std::all_of(asked.begin(), asked.end(), [&](size_t i) { return is_answered_[i]; });
    });
    return read.ok() ? Ok() : Judge(*consumer, asked, read);
  }

  // An error is final for the consumer and tells of one log; those that were not answered are asked again.
  Status Judge(const kafka::Consumer& consumer, const std::vector<size_t>& asked, const Status& error) {
    if (!consumer.failed_position()) return error;
    const size_t failed = asked[*consumer.failed_position()];
    if (!consumer.failed_on_log()) {
      const EpochQuestion& question = questions_[failed];
      FOREBAY_ASSIGN(const auto marks, admin_.QueryWatermarks({question.partition}));
      if (question.record.offset >= marks.front().earliest) return error;
    }
    is_answered_[failed] = true;
    is_cut_back_[failed] = consumer.failed_on_log();
    return Ok();
  }

  const LogCheckOptions& options_;
  kafka::Admin& admin_;
  const std::vector<EpochQuestion>& questions_;
  std::vector<bool> is_answered_;
  std::vector<bool> is_cut_back_;
};

}  // namespace

Result<std::vector<bool>> AreCutBack(const LogCheckOptions& options, kafka::Admin& admin,
                                     const std::vector<EpochQuestion>& questions) {
  return EpochCheck(options, admin, questions).Run();
}

}  // namespace forebay
