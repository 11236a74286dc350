// Functions of librdkafka that are missing in the headers used for compilation (Debian's 2.0.2). The linked
// library is the wheel's 2.16. Signatures as published in librdkafka's rdkafka.h since 2.3.
#pragma once

#include <librdkafka/rdkafka.h>

// "Broker handle destroyed without termination".
inline constexpr auto RD_KAFKA_RESP_ERR__DESTROY_BROKER = static_cast<rd_kafka_resp_err_t>(-137);

// Stand for offsets in a request to ListOffsets.
inline constexpr int64_t RD_KAFKA_OFFSET_SPEC_EARLIEST = -2;
inline constexpr int64_t RD_KAFKA_OFFSET_SPEC_LATEST = -1;

extern "C" {

// -1: the message has none.
int32_t rd_kafka_message_leader_epoch(const rd_kafka_message_t* rkmessage);
void rd_kafka_topic_partition_set_leader_epoch(rd_kafka_topic_partition_t* rktpar, int32_t leader_epoch);

typedef struct rd_kafka_TopicCollection_s rd_kafka_TopicCollection_t;
typedef struct rd_kafka_TopicDescription_s rd_kafka_TopicDescription_t;
typedef struct rd_kafka_TopicPartitionInfo_s rd_kafka_TopicPartitionInfo_t;
typedef struct rd_kafka_Uuid_s rd_kafka_Uuid_t;
typedef rd_kafka_event_t rd_kafka_DescribeTopics_result_t;
typedef rd_kafka_event_t rd_kafka_ListOffsets_result_t;
typedef struct rd_kafka_ListOffsetsResultInfo_s rd_kafka_ListOffsetsResultInfo_t;
typedef enum rd_kafka_IsolationLevel_t {
  RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED = 0,
  RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED = 1
} rd_kafka_IsolationLevel_t;

rd_kafka_TopicCollection_t* rd_kafka_TopicCollection_of_topic_names(const char** topics, size_t topics_cnt);
void rd_kafka_TopicCollection_destroy(rd_kafka_TopicCollection_t* topics);
void rd_kafka_DescribeTopics(rd_kafka_t* rk, const rd_kafka_TopicCollection_t* topics,
                             const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* rkqu);
const rd_kafka_DescribeTopics_result_t* rd_kafka_event_DescribeTopics_result(rd_kafka_event_t* rkev);
const rd_kafka_TopicDescription_t** rd_kafka_DescribeTopics_result_topics(
    const rd_kafka_DescribeTopics_result_t* result, size_t* cntp);
const char* rd_kafka_TopicDescription_name(const rd_kafka_TopicDescription_t* topicdesc);
const rd_kafka_error_t* rd_kafka_TopicDescription_error(const rd_kafka_TopicDescription_t* topicdesc);
const rd_kafka_TopicPartitionInfo_t** rd_kafka_TopicDescription_partitions(
    const rd_kafka_TopicDescription_t* topicdesc, size_t* cntp);
const rd_kafka_Uuid_t* rd_kafka_TopicDescription_topic_id(const rd_kafka_TopicDescription_t* topicdesc);
const char* rd_kafka_Uuid_base64str(const rd_kafka_Uuid_t* uuid);

rd_kafka_error_t* rd_kafka_AdminOptions_set_isolation_level(rd_kafka_AdminOptions_t* options,
                                                            rd_kafka_IsolationLevel_t value);
void rd_kafka_ListOffsets(rd_kafka_t* rk, rd_kafka_topic_partition_list_t* topic_partitions,
                          const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* rkqu);
const rd_kafka_ListOffsets_result_t* rd_kafka_event_ListOffsets_result(rd_kafka_event_t* rkev);
const rd_kafka_ListOffsetsResultInfo_t** rd_kafka_ListOffsets_result_infos(
    const rd_kafka_ListOffsets_result_t* result, size_t* cntp);
const rd_kafka_topic_partition_t* rd_kafka_ListOffsetsResultInfo_topic_partition(
    const rd_kafka_ListOffsetsResultInfo_t* result_info);

}  // extern "C"
